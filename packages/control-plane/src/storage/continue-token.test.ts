import { describe, expect, it } from '@jest/globals';
import { ContinueTokenError, decodeContinueToken, encodeContinueToken } from './continue-token.js';

describe('continue token', () => {
  it.each([{ version: 1234, after: 'default/a' }, { after: '/cluster-scoped' }])(
    'comes back as it was: %j',
    (token) => {
      expect(decodeContinueToken(encodeContinueToken(token))).toEqual(token);
    },
  );

  it('is refused in the words of the server when it is none', () => {
    expect(() => decodeContinueToken('garbage')).toThrow(ContinueTokenError);
    expect(() => decodeContinueToken('garbage')).toThrow(
      "continue key is not valid: invalid character '\\u0081' looking for beginning of value",
    );
  });
});
