import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the framework and its plugins build: parallel runs, and an `npm start`, would find the files of each other. */
const BUILD_FOLDERS = ['.serverless', '.esbuild'];

/** Puts the service under another path: links to its folders, and copies of its files, as the framework follows no link to them. */
export function copyService(target: string): void {
  mkdirSync(target);
  for (const entry of readdirSync('.', { withFileTypes: true })) {
    if (BUILD_FOLDERS.includes(entry.name)) continue;
    if (entry.isFile()) copyFileSync(entry.name, join(target, entry.name));
    else symlinkSync(resolve(entry.name), join(target, entry.name));
  }
}
