import { readFileSync } from 'node:fs';

/** The first code in this language of a document, after this text. @throws an error where there is none */
export function codeAfter(document: string, text: string, language: string): string {
  const content = readFileSync(document, 'utf8');
  const [, code] = new RegExp(`\n\`\`\`${language}\n(.*?)\`\`\``, 's').exec(content.slice(content.indexOf(text))) ?? [];
  if (!code) throw new Error(`${document} has no code in ${language} after "${text}"`);
  return code;
}
