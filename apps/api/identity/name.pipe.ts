import type { PipeTransform } from '@nestjs/common';
import { RequestInvalid } from '../http/http.errors.js';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** Parses the name of a provider or machine in an address. Throws `RequestInvalid`. */
export class NamePipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (NAME.test(text)) return text;
    const message = 'name has 1 to 40 small letters, digits and hyphens, and begins with a letter.';
    throw new RequestInvalid(message, { errors: [{ path: 'name', code: 'not_text', message }] });
  }
}
