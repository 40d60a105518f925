import { readFileSync } from 'node:fs';
import type { SystemConnection } from './block.js';
import { SystemConfigInvalid } from './errors.js';

/**
 * The PEM of the CA that a system's server certificate is signed by: given as text or as a file, or null for the
 * machine's own CAs. Throws `SystemConfigInvalid` when the file cannot be read.
 */
export function caOf(
  system: SystemConnection,
  { caPem, caFile }: { readonly caPem?: string; readonly caFile?: string },
): string | null {
  if (caPem !== undefined || caFile === undefined) return caPem ?? null;
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw new SystemConfigInvalid(`The CA file ${caFile} of the system ${system.name} cannot be read.`, { cause });
  }
}
