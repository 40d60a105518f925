import { existsSync, readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { asyncApiDocument } from './asyncapi.js';
import { openApiDocument } from './openapi.js';
import { permissionsDocument } from './permissions.js';
import { privacyDocument } from './privacy.js';
import { processTemplatesDocument } from './process-templates.js';
import { withNewEvents, type PublishedEvents } from './published-events.js';

const PUBLISHED = 'libs/events/published.json';

/** A generated file: its path in the checkout and its text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Draws the contracts from the code. `root` is the checkout. Throws `PublishedEventChanged`. */
export async function generateContracts(root: string): Promise<readonly GeneratedFile[]> {
  const published = existsSync(`${root}/${PUBLISHED}`)
    ? (JSON.parse(readFileSync(`${root}/${PUBLISHED}`, 'utf8')) as PublishedEvents)
    : {};
  const openApi = await openApiDocument();
  return Promise.all([
    file(root, 'docs/contracts/openapi.json', openApi),
    file(root, 'docs/contracts/asyncapi.json', asyncApiDocument()),
    file(root, 'docs/contracts/process-templates.json', processTemplatesDocument()),
    file(root, PUBLISHED, withNewEvents(published)),
    file(root, 'docs/permissions.md', permissionsDocument(openApi)),
    file(root, 'docs/privacy.md', privacyDocument()),
  ]);
}

/** The files whose text in the checkout is another. */
export function staleFiles(root: string, files: readonly GeneratedFile[]): readonly GeneratedFile[] {
  return files.filter(
    ({ path, text }) => !existsSync(`${root}/${path}`) || readFileSync(`${root}/${path}`, 'utf8') !== text,
  );
}

/** Formatted as the rest of the checkout, so that the formatter leaves it alone. */
async function file(root: string, path: string, content: unknown): Promise<GeneratedFile> {
  const options = await resolveConfig(`${root}/${path}`);
  const source = typeof content === 'string' ? content : JSON.stringify(content);
  return { path, text: await format(source, { ...options, filepath: path }) };
}
