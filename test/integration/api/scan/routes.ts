import 'reflect-metadata';
import { subscribe } from 'node:diagnostics_channel';
import { RequestMethod } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { Permission } from '#libs/platform/access';
import { declaredAccess } from '../../../../apps/api/access/access.decorators.js';
import { CONTROLLERS } from '../../../../apps/api/api.module.js';
import { openApiDocument } from '../../../../tools/contracts/openapi.js';

/** An operation of the API's description. */
export interface ScannedRoute {
  readonly operationId: string;
  readonly method: string;
  /** As described, e.g. `/v1/runs/{id}`. */
  readonly path: string;
  /** Names of its headers and parameters in the query, in lower case. */
  readonly takes: ReadonlySet<string>;
  readonly permission: Permission | 'public';
}

interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

// Nest’s own names for what @Get() and @ApiOperation() put at a handler
const METHOD = 'method';
const PATH = 'path';
const OPERATION = 'swagger/apiOperation';

interface Handler {
  /** e.g. `RunsController.get`. */
  readonly name: string;
  readonly operationId: string | undefined;
  readonly access: Permission | 'public';
  /** Method and addresses as the server’s router has them, e.g. `GET /v1/runs/:id`. */
  readonly addresses: readonly string[];
}

/** Every handler of every controller, also of those that the description leaves out. */
export function handlers(): readonly Handler[] {
  const reflector = new Reflector();
  return CONTROLLERS.flatMap((Controller) => {
    const prototype = Controller.prototype as Record<string, () => unknown>;
    return Object.getOwnPropertyNames(prototype)
      .filter((name) => Reflect.hasMetadata(METHOD, prototype[name]!))
      .map((name) => {
        const operation = Reflect.getMetadata(OPERATION, prototype[name]!) as Operation | undefined;
        const access = declaredAccess(reflector, prototype[name]!)!;
        const addresses = addressesOf(Controller, prototype[name]!);
        return { name: `${Controller.name}.${name}`, operationId: operation?.operationId, access, addresses };
      });
  });
}

function addressesOf(controller: object, handler: object): string[] {
  const method = RequestMethod[Reflect.getMetadata(METHOD, handler) as RequestMethod];
  const parts = (of: object): string[] => [(Reflect.getMetadata(PATH, of) ?? '') as string | string[]].flat();
  return parts(controller).flatMap((first) =>
    parts(handler).map((second) => `${method} /${[first, second].join('/').split('/').filter(Boolean).join('/')}`),
  );
}

/**
 * What the routers of servers made from now on are given, e.g. `GET /v1/runs/:id`; HEAD where there is GET goes without
 * saying. It fills while a server starts.
 */
export function watchServedRoutes(): ReadonlySet<string> {
  const served = new Set<string>();
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => [method].flat().forEach((one) => served.add(`${one} ${url}`)));
  });
  return served;
}

/** Every operation of the description, with the permission that its handler declares. */
export async function scannedRoutes(): Promise<readonly ScannedRoute[]> {
  const access = new Map(handlers().map((handler) => [handler.operationId, handler.access]));
  return operationsOf(await openApiDocument()).map(
    ({ method, path, operation: { operationId = '', parameters = [] } }) => ({
      operationId,
      method: method.toUpperCase(),
      path,
      takes: new Set(parameters.filter((one) => one.in !== 'path').map((one) => `${one.in}:${one.name.toLowerCase()}`)),
      permission: access.get(operationId) ?? fail(`${method} ${path} has no handler with its operationId.`),
    }),
  );
}

function operationsOf(document: OpenAPIObject): { method: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs as Record<string, Operation>).map(([method, operation]) => ({ method, path, operation })),
  );
}

function fail(message: string): never {
  throw new Error(message);
}
