import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeAfter } from '../support/documentCode.ts';

/* A client with types that are generated from openapi.json, as docs/api.md shows it. */

const folder = mkdtempSync(join(tmpdir(), 'orders-client-'));
const program = codeAfter('docs/api.md', '### A typed client', 'ts');

beforeAll(() => {
  execFileSync('npx', ['openapi-typescript', resolve('openapi.json'), '--output', join(folder, 'api.ts')]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** @returns what the compiler complains about */
function compile(code: string): string {
  writeFileSync(join(folder, 'program.mts'), code);
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom'];
  try {
    execFileSync(resolve('node_modules/.bin/tsc'), [...options, 'program.mts'], { cwd: folder, encoding: 'utf8' });
    return '';
  } catch (error) {
    return `${Object(error).stdout}`;
  }
}

it('the program of the documentation compiles', () => {
  expect(program).toContain('data.series');
  expect(program).not.toMatch(/\bas\b|!\.|\bany\b/);
  expect(compile(program)).toBe('');
});

it('a member that no answer has does not compile', () => {
  expect(compile(program.replace('data.series', 'data.months'))).toContain("Property 'months' does not exist");
  expect(compile(program.replace('revenue_cents', 'amount'))).toContain("Property 'amount' does not exist");
});

it('every answer and every problem has a type', () => {
  const code = `
import type { components, paths } from './api.ts';
type Answer<Path extends keyof paths> = paths[Path]['get']['responses'][200]['content'];
type Json<Path extends keyof paths> = Answer<Path> extends { 'application/json': infer Body } ? Body : never;
export const seeds = (user: Json<'/users/{user_id}/stats'>, all: Json<'/stats/global'>): [string, number, number] =>
  [user.user_id, user.order_count + all.total_orders, user.total_spend + all.total_revenue];
export const cents = (top: Json<'/top-users'>): number[] => top.users.map((user) => user.total_spend_cents);
export const stage = (health: Json<'/health'>): string => health.stage;
export const wrong = (problem: components['schemas']['Problem']): string[] =>
  (problem.errors ?? []).map(({ parameter, detail }) => parameter + detail + problem.instance);
`;
  expect(compile(code)).toBe('');
});
