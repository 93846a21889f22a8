/**
 * What is written to the terminal. Names come from files that somebody else may have made: a control character in one would
 * be an order to the terminal, to rename its window or to hide what stands there.
 */

/** Control characters but line feeds and tabs, and those that turn the direction of the text around them. */
const orders = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Each order is written as its escape, `\u001b`: seen, not followed. JSON stays JSON of the same value. */
export function printable(text: string): string {
  return text.replace(orders, (order) => `\\u${order.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A line, or several, for who asked. */
export function print(text: string): void {
  console.log(printable(text));
}

/** A line about what goes wrong. */
export function complain(text: string): void {
  console.error(printable(text));
}
