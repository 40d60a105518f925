import type { JsonObject } from '#libs/kernel';
import { TEMPLATE_PROCESSES, templateSchema } from '#libs/requests';

/** The JSON Schemas of the templates that customers can have of their processes, by process under `$defs`. */
export function processTemplatesDocument(): JsonObject {
  const schemas = TEMPLATE_PROCESSES.map((process) => [process, templateSchema(process)]);
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Templates of processes',
    description: 'What `PUT /v1/templates/{process}` takes; each process has its own schema.',
    $defs: Object.fromEntries(schemas),
  };
  // without the symbols of the library that the schemas are written with
  return JSON.parse(JSON.stringify(document)) as JsonObject;
}
