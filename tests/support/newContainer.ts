import { vi } from 'vitest';

const DEFAULTS = {
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  ARCHIVE_BUCKET: 'none',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/**
 * Loads a function as a new Lambda container does: its modules are evaluated afresh, in this environment.
 *
 * @param load imports the function, e.g. `() => import('./processOrders.ts')`
 */
export async function inNewContainer<T>(
  environment: Readonly<Record<string, string | undefined>>,
  load: () => Promise<T>,
): Promise<T> {
  vi.resetModules();
  for (const [name, value] of Object.entries({ ...DEFAULTS, ...environment })) vi.stubEnv(name, value);
  return load();
}
