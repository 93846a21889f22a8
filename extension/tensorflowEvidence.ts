/** Languages whose documents may build TensorFlow.js models. */
export const sourceLanguages = [
  'typescript',
  'javascript',
  'typescriptreact',
  'javascriptreact',
  'html', // its scripts
] as const;

export function isSourceLanguage(languageId: string): boolean {
  return (sourceLanguages as readonly string[]).includes(languageId);
}

const imported = /\b(?:from|import|require)\s*\(?\s*['"`]@tensorflow\/tfjs/;
// A page may load TensorFlow.js with a script tag and use the global `tf`.
const used = /\btf\.(?:layers|sequential|model|input|loadLayersModel)\b/;

/**
 * Whether a text has to do with TensorFlow.js. Decides if the language server starts at all, so that people who never
 * touch TensorFlow.js pay nothing for having Layerwise installed.
 */
export function mentionsTensorFlow(text: string): boolean {
  return imported.test(text) || used.test(text);
}
