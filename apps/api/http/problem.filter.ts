import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#libs/kernel';
import { DatabaseUnavailable, isDatabaseUnavailable } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';
import { commonHeaders } from './common-headers.js';
import {
  BodyTooLarge,
  InternalFault,
  MalformedRequest,
  MethodNotAllowed,
  RouteNotFound,
  UnsupportedMediaType,
} from './http.errors.js';
import { invalidId } from './id.pipe.js';
import type { RouteTable } from './route-table.js';
import { statusOf } from './status-of.js';

const DATABASE_RETRY_SECONDS = 2;

/** Turns every error into a problem (RFC 9457): the one place where the HTTP edge translates. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly codes = new WeakMap<FastifyRequest, string>();
  private told: (problem: AppError, request: FastifyRequest) => void = () => undefined;

  constructor(
    private readonly logger: Logger,
    private readonly routes: RouteTable,
    private readonly behindTls: boolean,
  ) {}

  /** Has each problem told to somebody before it is answered. */
  tell(listener: (problem: AppError, request: FastifyRequest) => void): void {
    this.told = listener;
  }

  /** The code of the problem that a call was answered with; undefined when it went well. */
  codeOf(request: FastifyRequest): string | undefined {
    return this.codes.get(request);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also called for what fails before a route is found. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent) return;
    const known = this.translate(error, request);
    this.codes.set(request, known.code);
    this.told(known, request);
    const status = statusOf(known);
    if (status >= 500) this.logger.error({ requestId: request.id, err: error, code: known.code }, 'a call failed');
    void reply
      .status(status)
      .headers({ ...commonHeaders(request, this.behindTls), ...headersOf(known) })
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify({ ...known.toProblem(), status }));
  }

  private translate(error: unknown, request: FastifyRequest): AppError {
    // of a defect on our side nobody outside needs to know more than that there is one
    if (error instanceof AppError && error.kind !== 'internal') return error;
    if (isDatabaseUnavailable(error)) {
      return new DatabaseUnavailable('Try again in a moment; with the same Idempotency-Key nothing happens twice.', {
        cause: error,
        retryAfterSeconds: DATABASE_RETRY_SECONDS,
      });
    }
    if (isIdTooLong(error)) return invalidId(error);
    const status = statusIn(error);
    if (status === 404) return this.notFound(request);
    return (
      refusal(status) ??
      new InternalFault('It is in our log. Name the response’s x-request-id when you report it.', { cause: error })
    );
  }

  private notFound(request: FastifyRequest): AppError {
    const allowed = this.routes.methodsAt(request.url);
    if (allowed.length === 0)
      return new RouteNotFound('The description of what there is stands at /openapi.json and /docs.');
    return new MethodNotAllowed(`Use ${allowed.join(' or ')}.`, allowed);
  }
}

function headersOf(error: AppError): Record<string, string> {
  return {
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.kind === 'unauthenticated' ? { 'www-authenticate': 'Bearer' } : {}),
    ...(error instanceof MethodNotAllowed ? { allow: error.allowed.join(', ') } : {}),
  };
}

/** Fastify refuses a parameter in an address that is too long before our own check sees it; all of ours are ids. */
function isIdTooLong(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'FST_ERR_MAX_PARAM_LENGTH';
}

/** The status that Fastify, or Nest on its behalf, would have answered with. */
function statusIn(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' ? statusCode : 500;
}

/** What is refused before a controller is reached. */
function refusal(status: number): AppError | null {
  switch (status) {
    case 400:
      return new MalformedRequest('The address, a header or the length of the body is wrong.');
    case 413:
      return new BodyTooLarge('Send less; large content goes by reference.');
    case 415:
      return new UnsupportedMediaType('Send the body as application/json.');
    default:
      return null;
  }
}
