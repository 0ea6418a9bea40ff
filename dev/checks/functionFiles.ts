import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files of the functions, without their tests and declarations. */
export const functionFiles = (): string[] =>
  readdirSync('functions')
    .filter((file) => /^\w+\.ts$/.test(file))
    .map((file) => join('functions', file));
