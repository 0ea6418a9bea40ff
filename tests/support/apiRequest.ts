import type { Parameter } from './apiDescription.ts';
import { getEvent } from './readFunction.ts';

/** The event of a GET with values for some of its parameters, by name. */
export function getRequest(
  parameters: readonly Parameter[],
  values: Readonly<Record<string, string | readonly string[]>>,
) {
  const given = (place: Parameter['in']) => parameters.filter(({ name, in: at }) => at === place && name in values);
  return getEvent(
    Object.fromEntries(given('path').map(({ name }) => [name, encodeURIComponent(`${values[name]}`)])),
    Object.fromEntries(given('query').map(({ name }) => [name, values[name] ?? []])),
  );
}
