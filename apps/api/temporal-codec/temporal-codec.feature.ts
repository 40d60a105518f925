import type { Feature } from '../feature.js';
import { DecodePayloads } from './decode-payloads.js';
import { TemporalCodecController } from './temporal-codec.controller.js';

export const temporalCodecFeature: Feature = {
  controllers: [TemporalCodecController],
  providers: ({ database, payloads }) => [
    { provide: DecodePayloads, useValue: new DecodePayloads(database, payloads.keys, payloads.namespace) },
  ],
};
