import { inTenants, type Database } from '#libs/platform/database';
import {
  findTemplate,
  insertTemplate,
  parseTemplate,
  TEMPLATE_PROCESSES,
  templateSchema,
  TemplateProcessUnknown,
  TemplateVersionNotFound,
  type TemplateProcess,
} from '#libs/requests';
import type { Writer } from '../access/caller.js';
import { noTemplate, templateView, type TemplateView } from './template.view.js';

/** The customers' templates of their processes, each a row of versions. */
export class Templates {
  constructor(private readonly database: Database) {}

  /** A version, without one the newest. Throws `TemplateProcessUnknown` or `TemplateVersionNotFound`. */
  async one(tenant: string, process: string, version: number | undefined): Promise<TemplateView> {
    const known = knownProcess(process);
    const row = await inTenants(this.database, [tenant], (tx) => findTemplate(tx, tenant, known, version ?? null));
    if (row) return templateView(row);
    if (version === undefined) return noTemplate(known);
    throw new TemplateVersionNotFound(`The template of ${known} has no version ${version}.`);
  }

  /**
   * Saves the next version; requests that are accepted from now on are drawn from it. Throws `TemplateProcessUnknown` or
   * `TemplateInvalid`.
   */
  async save({ actor, tenant }: Writer, process: string, template: unknown): Promise<TemplateView> {
    const known = knownProcess(process);
    const body = parseTemplate(known, template);
    const next = { tenant, process: known, body, createdBy: actor.subject };
    return templateView(await inTenants(this.database, [tenant], (tx) => insertTemplate(tx, next)));
  }

  /** The JSON Schema (draft 2020-12) of a process's templates. Throws `TemplateProcessUnknown`. */
  schema(process: string): object {
    return templateSchema(knownProcess(process));
  }
}

function knownProcess(process: string): TemplateProcess {
  const known = TEMPLATE_PROCESSES.find((one) => one === process);
  if (known) return known;
  throw new TemplateProcessUnknown(`There are templates of ${TEMPLATE_PROCESSES.join(', ')}.`);
}
