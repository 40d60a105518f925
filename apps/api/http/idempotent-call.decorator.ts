import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '#libs/kernel';
import { IdempotencyInProgress, IdempotencyKeyReused, type CallKey } from '#libs/platform/idempotency';
import { callerOf } from '../access/caller.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { isFile } from './file-body.js';
import { IdempotencyKeyInvalid, IdempotencyKeyMissing } from './http.errors.js';

const FORM = /^[\x21-\x7e]{1,255}$/;

/** Declares that a route creates something and so needs an `Idempotency-Key`. */
export function Creates(): MethodDecorator {
  const description =
    'Drawn by you, one per thing to create, e.g. a UUID. The same key with the same body gives the first answer again, for 7 days.';
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    MayAnswer(IdempotencyKeyMissing, IdempotencyKeyInvalid, IdempotencyInProgress, IdempotencyKeyReused),
  );
}

/** Parameter: the call under its key. Throws `IdempotencyKeyMissing` or `IdempotencyKeyInvalid`. */
export const IdempotentCall = createParamDecorator((_data: unknown, context: ExecutionContext): CallKey => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { actor, tenant } = callerOf(request)!;
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === '')
    throw new IdempotencyKeyMissing('Send a key of your own in the header Idempotency-Key, e.g. a UUID.');
  if (typeof key !== 'string' || !FORM.test(key))
    throw new IdempotencyKeyInvalid('A key has 1 to 255 visible ASCII characters.');
  // a file is not read yet: its route adds it
  const body = isFile(request.body) ? null : request.body;
  const asked = canonicalJson([request.method, request.url.split('?', 1)[0], body]);
  return { tenant: tenant!, caller: actor.caller, key, fingerprint: createHash('sha256').update(asked).digest() };
});
