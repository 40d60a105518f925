import type { PipeTransform } from '@nestjs/common';
import { RequestInvalid } from '../http/http.errors.js';

export const SECRET_NAME = '^[a-z0-9][a-z0-9._-]{0,99}$';
const NAME = new RegExp(SECRET_NAME);

/** Parses a secret's name in an address. Throws `RequestInvalid`. */
export class SecretNamePipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (NAME.test(text)) return text;
    const message =
      'name must be 1 to 100 small letters, digits, dots, hyphens and underscores, with a letter or digit first.';
    throw new RequestInvalid(message, { errors: [{ path: 'name', code: 'not_a_name', message }] });
  }
}
