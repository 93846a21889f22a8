/**
 * Must be the first import of every panel. zod compiles its validators with `new Function`, and tries that as soon as a
 * schema is made; the content security policy rightly forbids it.
 */
import { config } from 'zod';

config({ jitless: true });
