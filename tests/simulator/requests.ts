/** The event of a GET, as API Gateway makes it. */
export const getEvent = (
  pathParameters: Readonly<Record<string, string>> | null,
  query: Readonly<Record<string, string>> = {},
) => ({
  httpMethod: 'GET',
  pathParameters,
  multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
});
