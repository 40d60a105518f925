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
    const all = [...known, ...classes.map((Class) => new Class('What to do about it stands here.'))];
    Reflect.defineMetadata(PROBLEMS, all, handler);
    ApiExtraModels(ProblemView)(target, name, descriptor);
    for (const [status, problems] of byStatus(all)) describe(status, problems)(target, name, descriptor);
  };
}

function byStatus(problems: readonly AppError[]): Map<number, AppError[]> {
  const groups = new Map<number, AppError[]>();
  for (const problem of problems) groups.set(statusOf(problem), [...(groups.get(statusOf(problem)) ?? []), problem]);
  return groups;
}

function describe(status: number, problems: readonly AppError[]): MethodDecorator {
  const examples = problems.map((problem) => [
    problem.code,
    { summary: problem.title, value: { ...problem.toProblem(), status } },
  ]);
  return ApiResponse({
    status,
    description: problems.map((problem) => problem.code).join(', '),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemView) },
        examples: Object.fromEntries(examples),
      },
    },
  });
}
