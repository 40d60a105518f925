import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { AppError } from '#libs/kernel';
import { statusOf } from '../http/status-of.js';
import { ProblemView } from './problem.view.js';

export type AppErrorClass = new (message: string) => AppError;

const PROBLEMS = Symbol('problems');

/** Puts problems that a route may answer into its description, by status, with an example of each code. */
export function MayAnswer(...classes: readonly AppErrorClass[]): MethodDecorator {
  return (target, name, descriptor) => {
    const handler = descriptor.value as object;
    const known = (Reflect.getMetadata(PROBLEMS, handler) ?? []) as readonly AppError[];
    const added = classes.map((Class) => new Class('What to do about it stands here.'));
    Reflect.defineMetadata(PROBLEMS, [...known, ...added], handler);
    ApiExtraModels(ProblemView)(target, name, descriptor);
    for (const status of new Set(added.map(statusOf))) {
      const at = (problem: AppError): boolean => statusOf(problem) === status;
      describe(status, [...known, ...added].filter(at), added.filter(at))(target, name, descriptor);
    }
  };
}

/** `added` alone make the text: Swagger appends it to what earlier decorators said of this status. */
function describe(status: number, all: readonly AppError[], added: readonly AppError[]): MethodDecorator {
  const examples = all.map((problem) => [
    problem.code,
    { summary: problem.title, value: { ...problem.toProblem(), status } },
  ]);
  return ApiResponse({
    status,
    description: added.map((problem) => `\`${problem.code}\``).join(', '),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemView) },
        examples: Object.fromEntries(examples),
      },
    },
  });
}
