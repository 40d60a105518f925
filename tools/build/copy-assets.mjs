// @ts-check
// Copies what the compiler leaves behind (SQL, JSON read at run time) beside the compiled code.
import { cpSync } from 'node:fs';

for (const folder of ['libs/platform/database/migrations']) {
  cpSync(new URL(`../../${folder}/`, import.meta.url), new URL(`../../dist/${folder}/`, import.meta.url), {
    recursive: true,
  });
}
