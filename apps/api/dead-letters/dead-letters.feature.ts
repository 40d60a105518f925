import type { Feature } from '../feature.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { ListDeadLetters } from './list-dead-letters.js';
import { ReplayDeadLetter } from './replay-dead-letter.js';

export const deadLettersFeature: Feature = {
  controllers: [DeadLettersController],
  providers: ({ database, hint, topicPrefix }) => [
    { provide: ListDeadLetters, useValue: new ListDeadLetters(database) },
    { provide: ReplayDeadLetter, useValue: new ReplayDeadLetter(database, hint, topicPrefix) },
  ],
};
