/* The Serverless Framework ships no types for these parts. */

declare module 'serverless/lib/configuration/read.js' {
  export default function read(path: string): Promise<Record<string, unknown>>;
}

declare module 'serverless/lib/configuration/variables/resolve-meta.js' {
  export default function resolveMeta(configuration: object): Map<string, { readonly error?: Error }>;
}

declare module 'serverless/lib/configuration/variables/resolve.js' {
  /** Puts values in place of the variables of the configuration. */
  export default function resolve(data: {
    readonly serviceDir: string;
    readonly configuration: object;
    readonly variablesMeta: ReadonlyMap<string, object>;
    readonly sources: Readonly<Record<string, object>>;
    readonly options: Readonly<Record<string, unknown>>;
    readonly fulfilledSources: ReadonlySet<string>;
  }): Promise<void>;
}

declare module 'serverless/lib/configuration/variables/sources/*' {
  const source: object;
  export default source;
}

declare module 'serverless/lib/configuration/variables/sources/instance-dependent/get-sls.js' {
  export default function slsOf(): object;
}

declare module 'serverless/lib/configuration/variables/sources/instance-dependent/param.js' {
  export default function paramOf(serverless: object): object;
}

declare module 'serverless/lib/utils/merge-plain-objects.js' {
  export default function merge(...objects: object[]): object;
}
