import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
const VERBS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * Describes each parameter of an address that its handler does not take itself, e.g. because the guard has judged it: an
 * address with a parameter that nobody describes is no valid OpenAPI.
 */
export function describePathParameters(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths))
    for (const operation of VERBS.flatMap((verb) => item[verb] ?? [])) describeIn(operation, path);
}

function describeIn(operation: Operation, path: string): void {
  const described = (operation.parameters ?? []).flatMap((one) =>
    'name' in one && one.in === 'path' ? [one.name] : [],
  );
  const missing = [...path.matchAll(/\{([^}]+)\}/g)]
    .map((match) => match[1]!)
    .filter((name) => !described.includes(name));
  const added = missing.map((name) => ({
    name,
    in: 'path' as const,
    required: true,
    schema: { type: 'string' as const },
  }));
  operation.parameters = [...added, ...(operation.parameters ?? [])];
}
