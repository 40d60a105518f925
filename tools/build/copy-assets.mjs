// @ts-check
// Copies what the compiler leaves behind (SQL, scripts that run by themselves) beside the compiled code.
import { cpSync, rmSync } from 'node:fs';

for (const path of [
  'libs/platform/database/migrations/',
  'libs/platform/temporal/payloads/failure-converter.cjs',
  'tools/sandbox/domain/samba-inside.mjs',
]) {
  const copy = new URL(`../../dist/${path}`, import.meta.url);
  // a migration that another branch had would be applied
  if (path.endsWith('/')) rmSync(copy, { recursive: true, force: true });
  cpSync(new URL(`../../${path}`, import.meta.url), copy, { recursive: true });
}
