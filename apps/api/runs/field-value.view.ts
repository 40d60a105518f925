import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { FieldChange } from '#libs/kernel';
import { ANY_VALUE } from '../openapi/any-value.js';

@ApiSchema({ name: 'FieldValue', description: 'One field of one object, and its value at that time.' })
export class FieldValueView {
  @ApiProperty({ description: 'The object as its system names it, e.g. a DN.' })
  readonly target!: string;
  @ApiProperty()
  readonly field!: string;
  @ApiProperty({ ...ANY_VALUE, description: 'Any JSON value; null also where it cannot be read, e.g. a password.' })
  readonly value!: unknown;
}

/** One side of a list of changes as it stands in the ledger; null where there is none. */
export function fieldValues(changes: unknown, side: 'before' | 'after'): FieldValueView[] | null {
  if (!Array.isArray(changes)) return null;
  return (changes as FieldChange[]).map(({ target, field, [side]: value }) => ({ target, field, value }));
}
