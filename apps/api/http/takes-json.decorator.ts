import { MayAnswer } from '../openapi/may-answer.decorator.js';
import {
  BodyTooDeep,
  BodyTooLarge,
  InvalidUtf8,
  MalformedJson,
  PrototypeKey,
  RequestInvalid,
  UnsupportedMediaType,
} from './http.errors.js';

/** Declares that a route reads a JSON body, with what that may answer. */
export function TakesJson(): MethodDecorator {
  return MayAnswer(
    MalformedJson,
    InvalidUtf8,
    PrototypeKey,
    BodyTooDeep,
    BodyTooLarge,
    UnsupportedMediaType,
    RequestInvalid,
  );
}
