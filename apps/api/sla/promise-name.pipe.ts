import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '#libs/kernel';
import { isName } from './promise.dto.js';

export class PromiseNameInvalid extends AppError {
  readonly code = 'sla.name_invalid';
  readonly title = 'No tier or calendar has such a name';
  readonly kind = 'malformed';
}

/** A tier's or calendar's name in an address. Throws `PromiseNameInvalid`. */
@Injectable()
export class PromiseNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (isName(name)) return name;
    throw new PromiseNameInvalid('Names are lower case: a letter, then letters, digits and hyphens, 40 at most.');
  }
}
