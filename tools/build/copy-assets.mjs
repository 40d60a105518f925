// @ts-check
// Copies what the compiler leaves behind (SQL, scripts that run by themselves) beside the compiled code.
import { cpSync } from 'node:fs';

for (const path of ['libs/platform/database/migrations/', 'tools/sandbox/domain/samba-inside.mjs']) {
  cpSync(new URL(`../../${path}`, import.meta.url), new URL(`../../dist/${path}`, import.meta.url), {
    recursive: true,
  });
}
