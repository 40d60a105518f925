import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import { CONTROLLERS } from '../api.module.js';
import { declaredAccess, declaredTenant } from './access.decorators.js';

// Nest’s own names for what @Get() and its like put at a handler
const METHOD = 'method';

const routes = CONTROLLERS.flatMap((Controller) => {
  const prototype = Controller.prototype as unknown as Record<string, () => unknown>;
  return Object.getOwnPropertyNames(prototype)
    .map((name) => ({ name: `${Controller.name}.${name}`, handler: prototype[name]! }))
    .filter(({ handler }) => Reflect.hasMetadata(METHOD, handler))
    .map((route) => ({ ...route, method: Reflect.getMetadata(METHOD, route.handler) as RequestMethod }));
});
const reflector = new Reflector();

// the token in its address is the right to it, and says whose it is
const BY_TOKEN = [
  'HandOverController.collect',
  'MailedLinksController.act',
  'SignInController.backChannelLogout',
  'PasskeySignInController.registerByLink',
  // its signature is the right, and the channel in its address says whose it is
  'ProviderAnswersController.take',
];

// they are about nobody yet: what they end with says who it is
const SIGNS_IN = [
  'SignInController.beginByButton',
  'PasskeySignInController.begin',
  'PasskeySignInController.complete',
];

// Temporal's protocol sends what it asks about in a body, whose payloads say whose they are; a preview computes from its body
// alone, and a what-if reads what its caller sees by the targets that it brings
const READS_BY_POST = ['TemporalCodecController.decode', 'SlaController.preview', 'PromisesController.whatIf'];

describe('every route', () => {
  it.each(routes.map((route) => [route.name, route] as const))('%s declares who may call it', (_name, { handler }) => {
    expect(declaredAccess(reflector, handler)).toBeDefined();
  });

  const writing = routes.filter(
    ({ name, method }) => method !== RequestMethod.GET && ![...BY_TOKEN, ...SIGNS_IN, ...READS_BY_POST].includes(name),
  );
  it.each(writing.map((route) => [route.name, route] as const))(
    '%s, which writes, names its tenant and needs a permission',
    (_name, { handler }) => {
      expect(declaredTenant(reflector, handler)).toBeDefined();
      expect(declaredAccess(reflector, handler)).not.toBe('public');
    },
  );

  it('is found by this test', () => {
    expect(routes.length).toBeGreaterThanOrEqual(17);
  });
});
