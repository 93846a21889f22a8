import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Setting {
  default: unknown;
  description?: string;
  markdownDescription?: string;
}

const root = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const { contributes } = JSON.parse(read('package.json')) as {
  contributes: {
    commands: { command: string; title: string }[];
    configuration: { properties: Record<string, Setting> }[];
  };
};
const settings = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));

/** The rows of the table under a heading, as cells. */
function tableUnder(heading: string): string[][] {
  const section = read('README.md').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  assert.ok(section, `README.md has no section "${heading}"`);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const cells = rows.map((row) => row.split(/(?<!\\)\|/).slice(1, -1));
  return cells.slice(2).map((row) => row.map((cell) => cell.trim()));
}

describe('README.md', () => {
  it('lists every setting with its default and its description, in order', () => {
    assert.deepEqual(
      tableUnder('Settings'),
      settings.map(([name, { default: value, description, markdownDescription }]) => [
        `\`${name}\``,
        `\`${JSON.stringify(value)}\``,
        description ?? markdownDescription,
      ]),
    );
  });

  it('lists every command with its title, in order', () => {
    assert.deepEqual(
      tableUnder('Commands').map((row) => row.slice(0, 2)),
      contributes.commands.map(({ command, title }) => [`\`${command}\``, title]),
    );
  });

  it('names only commands, settings and npm scripts that there are', () => {
    const known = new Set([
      ...contributes.commands.map(({ command }) => command),
      ...settings.map(([name]) => name),
    ]);
    const named = read('README.md').match(/`layerwise\.[\w.]+`/g) ?? [];
    for (const name of named) assert.ok(known.has(name.slice(1, -1)), `${name} is in README.md only`);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    assert.ok(scripts['start'] && scripts['test']);
  });
});
