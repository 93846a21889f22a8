/**
 * The programs of a web page: what its `<script>` elements hold, at its true place. Everything else becomes blanks, so
 * that the page is read as one program with one global scope, as browsers run it.
 */

/** Comments hide elements; an element's start tag may hold `>` inside quotes. */
const scripts = /<!--[\s\S]*?(?:-->|$)|<script\b((?:"[^"]*"|'[^']*'|[^'">])*)>([\s\S]*?)(<\/script|$)/gi;
/** Other types (JSON, shaders, templates, import maps) are data. */
const programType = /^(module|(text|application)\/(x-)?(java|ecma|type)script|text\/babel|jsx|tsx?)?$/i;

export function isHtml(path: string): boolean {
  return /\.x?html?$/i.test(path);
}

/** Text of the same length with the same line breaks. What begins like a program and not like a page is left alone. */
export function scriptsOf(text: string): string {
  if (!/^\s*</.test(text)) return text;
  let result = '';
  let end = 0;
  for (const match of text.matchAll(scripts)) {
    const [whole, attributes, content, close] = match;
    if (attributes === undefined || content === undefined || !isProgram(attributes)) continue;
    const start = match.index + whole.length - content.length - (close?.length ?? 0);
    result += blank(text.slice(end, start)) + content;
    end = start + content.length;
    // Elements are programs one after the other: none continues the statement of the one before.
    if (close) {
      result += ';';
      end++;
    }
  }
  return result + blank(text.slice(end));
}

function isProgram(attributes: string): boolean {
  if (attribute(attributes, 'src') !== undefined) return false; // a browser ignores what stands inside
  return programType.test((attribute(attributes, 'type') ?? '').trim());
}

function attribute(attributes: string, name: string): string | undefined {
  const match = new RegExp(
    `(?:^|\\s)${name}(?:\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+)))?(?=[\\s/]|$)`,
    'i',
  ).exec(attributes);
  return match ? (match[1] ?? match[2] ?? match[3] ?? '') : undefined;
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
