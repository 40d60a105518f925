import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { AppError, isId } from '#libs/kernel';
import { events } from './catalogue.js';
import type { CloudEvent } from './cloud-event.js';
import type { EventDefinition } from './define-event.js';

/** Headers are missing or unreadable, or the data is no JSON in UTF-8. */
export class EventMalformed extends AppError {
  readonly code = 'event.malformed';
  readonly title = 'An event cannot be decoded';
  readonly kind = 'malformed';
}
/** We know the event, but not this version of it. */
export class EventVersionUnknown extends AppError {
  readonly code = 'event.unknown_version';
  readonly title = 'An event has a version that is not known here';
  readonly kind = 'invalid';
}
export class EventTypeUnknown extends AppError {
  readonly code = 'event.unknown_type';
  readonly title = 'An event has a type that is not known here';
  readonly kind = 'invalid';
}
/** The data does not match the event's schema. */
export class EventDataInvalid extends AppError {
  readonly code = 'event.invalid_data';
  readonly title = 'An event’s data does not match its schema';
  readonly kind = 'invalid';
}

const ajv = formats.default(new Ajv2020({ allErrors: true, strict: true }));
// compiled when the first event of a type arrives: all at once would cost every start half a second, also where nothing is decoded
const validators = new Map<string, ValidateFunction>();

/**
 * Decodes an event from Kafka's binary mode and checks it against its schema. Throws `EventMalformed`,
 * `EventTypeUnknown`, `EventVersionUnknown` or `EventDataInvalid`.
 */
export function decodeEvent(
  headers: Readonly<Record<string, string>>,
  value: Uint8Array | null,
): CloudEvent & { definition: EventDefinition } {
  const attribute = (name: string): string => {
    const text = headers[`ce_${name}`];
    if (text === undefined || text === '') throw new EventMalformed(`The header ce_${name} is missing.`);
    return text;
  };
  if (attribute('specversion') !== '1.0') throw new EventMalformed('The header ce_specversion must be 1.0.');
  const type = attribute('type');
  const definition = events.get(type) ?? unknownType(type);
  const id = attribute('id');
  if (!isId(id)) throw new EventMalformed('The header ce_id must be a UUID.');
  const data = parseData(value);
  const validate = validatorOf(definition);
  if (!validate(data))
    throw new EventDataInvalid(ajv.errorsText(validate.errors, { dataVar: 'data' }), { context: { type } });
  const sequence = Number(attribute('sequence'));
  if (!Number.isSafeInteger(sequence)) throw new EventMalformed('The header ce_sequence must be a whole number.');
  return {
    definition,
    id,
    type,
    source: attribute('source'),
    time: attribute('time'),
    partitionkey: attribute('partitionkey'),
    tenantid: attribute('tenantid'),
    correlationid: attribute('correlationid'),
    causationid: headers['ce_causationid'] ?? null,
    sequence,
    data,
  };
}

function validatorOf({ type, schema }: EventDefinition): ValidateFunction {
  let validate = validators.get(type);
  if (!validate) validators.set(type, (validate = ajv.compile(schema)));
  return validate;
}

function unknownType(type: string): never {
  const base = type.replace(/\.v\d+$/, '.v');
  const known = [...events.keys()].filter((other) => other.startsWith(base) && /^\d+$/.test(other.slice(base.length)));
  if (known.length > 0)
    throw new EventVersionUnknown(`${type} is not known; known: ${known.join(', ')}.`, { context: { type } });
  throw new EventTypeUnknown(`${type} is not known.`, { context: { type } });
}

function parseData(value: Uint8Array | null): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? new Uint8Array()));
  } catch (cause) {
    throw new EventMalformed('The data is not JSON in UTF-8.', { cause });
  }
}
