import { defineBlock } from '../block.js';
import { effectOf } from '../field-changes.js';
import { ManualTaskNotAutomatic } from './people-errors.js';

type ManualInput = {
  readonly title: string;
  readonly instructions?: string;
  /** Who does it: a person's or a group's name or address. */
  readonly assignee?: string;
  /** Days after the step's turn by which it should be done. */
  readonly dueDays?: number;
};

const IRREVERSIBLE = 'A person did this by hand, so a person has to take it back.';

/** Something that a person does, such as handing out a notebook. The process waits until somebody says that it is done. */
export const manualTask = defineBlock<ManualInput>({
  name: 'manual.task',
  title: { en: 'Manual step', de: 'Manueller Schritt' },
  kind: 'manual',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['title'],
    properties: {
      title: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^\\r\\n]*$' },
      instructions: { type: 'string', minLength: 1, maxLength: 10_000 },
      assignee: { type: 'string', minLength: 1, maxLength: 256 },
      dueDays: { type: 'integer', minimum: 0, maximum: 365 },
    },
  },
  outputSchema: { type: 'object' },
  credentials: ['none: a person does it'],
  repeatIsHarmless: 'Nothing is written: a person does it, and says so once.',
  plan: () => Promise.resolve(effectOf(null, [], { irreversible: IRREVERSIBLE })),
  apply: () => Promise.reject(notAutomatic()),
  verify: () => Promise.reject(notAutomatic()),
  undo: (_context, _input, recorded) =>
    Promise.resolve(effectOf(recorded.identity, [], { irreversible: IRREVERSIBLE })),
});

function notAutomatic(): ManualTaskNotAutomatic {
  return new ManualTaskNotAutomatic('Let the run wait for a person instead of calling this block.');
}
