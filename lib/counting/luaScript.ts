type Constant = string | number | { readonly [name: string]: Constant };

const literal = (value: Constant): string => {
  if (typeof value !== 'object') return typeof value === 'string' ? `'${value}'` : `${value}`;
  return `{ ${Object.entries(value).map(([name, field]) => `${name} = ${literal(field)}`)} }`;
};

/** A line of Lua with the constants that a script shares with TypeScript, by their names in Lua. */
export const luaConstants = (constants: Readonly<Record<string, Constant>>): string =>
  `local ${Object.keys(constants)} = ${Object.values(constants).map(literal)}`;

/**
 * A script that writes, as Redis gets it: with a prelude of the constants that it shares with TypeScript, by their names in Lua.
 *
 * The first line makes Redis refuse the script wherever it refuses writes. Otherwise a replica could answer "duplicate" for
 * an order that the primary has lost, and its message would be deleted.
 */
export const luaScript = (constants: Readonly<Record<string, Constant>>, source: string): string => `#!lua
${luaConstants(constants)}
${source}`;
