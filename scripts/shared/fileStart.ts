import { isUtf8 } from 'node:buffer';
import { parseObject } from './message.ts';

/** There are several if files were concatenated and the first one was empty. */
const BYTE_ORDER_MARKS = /^\ufeff+/;

/** What kind of file it is, judging by its beginning. */
export type FileStart =
  /** Messages, one per line. */
  | { readonly kind: 'lines' }
  /** One JSON object: one message. */
  | { readonly kind: 'object'; readonly text: string }
  /** Not messages: what it is instead, as part of a sentence. */
  | { readonly kind: 'refused'; readonly why: string };

const ARRAY =
  "line 1 is an array, where each line must be one order: jq -c '.[]' orders.json > orders.jsonl converts it";
const STRING =
  'line 1 is a string that holds JSON, where each line must be one order: jq -c fromjson orders.txt > orders.jsonl converts it';
const SEVERAL = 'it holds several JSON objects, but not one per line: jq -c . orders.json > orders.jsonl converts it';
const BROKEN = 'it begins with an object of several lines that is not valid JSON';
const RETURNS = "its lines end with CR alone, not with LF: tr '\\r' '\\n' < orders.txt > orders.jsonl converts it";
const NO_OBJECT = 'line 1 is not a JSON object, and each line must be one order';
const TOO_LONG = 'it begins with an object of more than 4 MiB, far more than SQS takes';
const NOT_UTF8 = 'it is not text in UTF-8';

/**
 * Tells a file of messages from one that only looks like it, for example an order whose lines are partly JSON objects.
 *
 * @param start - its first bytes: line 1 where that is a JSON object, else as many as a message may have
 * @param isWhole - whether the file has no more bytes
 */
export function readFileStart(start: Buffer, isWhole: boolean): FileStart {
  const text = start.toString().replace(BYTE_ORDER_MARKS, '');
  const [first, ...next] = text.split('\n').filter((line) => line.trim());
  if (first === undefined) return refused('it is empty');
  if (parseObject(first)) return { kind: 'lines' };
  if (isWhole && parseObject(text)) return isUtf8(start) ? { kind: 'object', text } : refused(NOT_UTF8);
  const why = formatOf(start) ?? layoutOf(text, first);
  if (why) return refused(why);
  // Line 1 may be cut off, and the others messages. Neither two lines in a row that are objects nor a line after an unfinished
  // string are part of a larger object.
  const areApart = next.length > 1 || (next.length === 1 && endsInString(first));
  if (areApart && next.slice(0, 2).every(parseObject)) return { kind: 'lines' };
  const goesOn = first.trimStart().startsWith('{') && endOfObject(first) === undefined;
  if (goesOn && !isWhole) return refused(TOO_LONG);
  if (goesOn && next.length > 0) return refused(BROKEN);
  return refused(isStringOfObject(first) ? STRING : NO_OBJECT);
}

const refused = (why: string): FileStart => ({ kind: 'refused', why });

/**
 * Whether a line that is appended to a file would be read as a message.
 *
 * @param start - its first bytes
 */
export function takesLines(start: Buffer): boolean {
  const isEmptyOrObject = /^\s*(?:\{|$)/.test(start.toString());
  return isEmptyOrObject && readFileStart(Buffer.concat([start, Buffer.from('\n{}\n')]), true).kind === 'lines';
}

/** Whether data begins with a line that is a JSON object: {@link readFileStart} needs no more. */
export function beginsWithObject(start: Buffer): boolean {
  const end = start.indexOf('\n');
  return end !== -1 && parseObject(start.toString('utf8', 0, end).replace(BYTE_ORDER_MARKS, '')) !== undefined;
}

/** The format of data other than UTF-8 text, where its first bytes tell. */
function formatOf(start: Buffer): string | undefined {
  if (start.toString('latin1', 0, 4) === 'PK\x03\x04') return 'it is a zip archive: unzip it first';
  // Only text in UTF-16 has zero bytes between ASCII characters.
  const isUtf16 = ['utf-16le', 'utf-16be'].some((encoding) =>
    /^[\t\r\n -~]{2}/.test(new TextDecoder(encoding).decode(start.subarray(0, 6))),
  );
  if (isUtf16) {
    return 'it is text in UTF-16, not in UTF-8: iconv -f UTF-16 -t UTF-8 orders.txt > orders.jsonl converts it';
  }
  return start.subarray(0, 1024).includes(0) ? NOT_UTF8 : undefined;
}

/** What is wrong with the line breaks in a text of JSON, if anything. */
function layoutOf(text: string, first: string): string | undefined {
  const json = text.trimStart();
  if (json.startsWith('[') && (first.trim() === json.trim() || !isJson(first))) return ARRAY;
  if (!text.includes('\n') && parseObject(text.split('\r').find((line) => line.trim()) ?? '')) return RETURNS;
  const end = json.startsWith('{') ? endOfObject(json) : undefined;
  if (end === undefined) return undefined;
  const object = json.slice(0, end);
  if (!parseObject(object)) return object.includes('\n') ? BROKEN : undefined;
  return object.includes('\n') || json.slice(end).trimStart().startsWith('{') ? SEVERAL : undefined;
}

/** A string of JSON; the group is its closing quote. It ends with its line at the latest, so that none is read twice. */
const QUOTED = /"[^"\\\n]*(?:\\.[^"\\\n]*)*("?)/g;
const QUOTED_OR_BRACE = new RegExp(`${QUOTED.source}|[{}]`, 'g');

/** Where the object at the start of a text ends, judging by its braces outside strings. */
function endOfObject(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(QUOTED_OR_BRACE)) {
    if (token === '{') depth++;
    else if (token === '}' && --depth === 0) return index + 1;
  }
  return undefined;
}

/** Whether a line of JSON ends within a string, which cannot go on in the next line. */
function endsInString(line: string): boolean {
  const strings = [...line.matchAll(QUOTED)];
  return strings.at(-1)?.[1] === '';
}

function isStringOfObject(text: string): boolean {
  if (!text.startsWith('"') || !isJson(text)) return false;
  const value: unknown = JSON.parse(text);
  return typeof value === 'string' && parseObject(value) !== undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
