import { describe, expect, it } from '@jest/globals';
import type { Effect } from '#libs/kernel';
import { recordedEffect } from './fresh-effect.js';

const effect = (id: string | null): Effect => ({
  identity: id === null ? null : { id, name: `uid=${id}` },
  changes: [{ target: 'uid=new', field: 'sn', before: null, after: ['Müßig'] }],
  irreversible: null,
  notes: [],
  kept: [],
});

describe('what a step has on record of its writing', () => {
  it('is nothing where it wrote nothing', () => {
    expect(recordedEffect({ before_image: null, after_image: effect('read-back') })).toBeNull();
  });

  it('names the object that was there before', () => {
    const row = { before_image: effect('before'), after_image: effect('another') };
    expect(recordedEffect(row)).toEqual(effect('before'));
  });

  it('names the object that the step made, once it was read back', () => {
    expect(recordedEffect({ before_image: effect(null), after_image: effect('made') })).toEqual(effect('made'));
    expect(recordedEffect({ before_image: effect(null), after_image: null })).toEqual(effect(null));
  });
});
