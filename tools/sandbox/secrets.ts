import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Passwords of a data folder by name: read from `file`, completed by random ones for names that are new, and kept
 * readable to their owner only.
 */
export function ensurePasswords<Name extends string>(file: string, names: readonly Name[]): Record<Name, string> {
  const known: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const stored = new Map(Object.entries(known ?? {}));
  const passwords = Object.fromEntries(
    names.map((name) => [name, stored.get(name) ?? randomBytes(18).toString('base64url')]),
  ) as Record<Name, string>;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...Object.fromEntries(stored), ...passwords }, undefined, 2)}\n`, {
    mode: 0o600,
  });
  return passwords;
}
