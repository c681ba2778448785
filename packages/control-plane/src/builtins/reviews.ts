import { defineBuiltin } from './define-builtin.js';

/** Questions to the server: created, answered in `status`, never stored. */

const AUTHENTICATION = { group: 'authentication.k8s.io', verbs: ['create'], namespaced: false } as const;
const AUTHORIZATION = { group: 'authorization.k8s.io', verbs: ['create'], namespaced: false } as const;

export const tokenReviews = defineBuiltin({
  ...AUTHENTICATION,
  definition: 'io.k8s.api.authentication.v1.TokenReview',
  plural: 'tokenreviews',
});

export const selfSubjectReviews = defineBuiltin({
  ...AUTHENTICATION,
  definition: 'io.k8s.api.authentication.v1.SelfSubjectReview',
  plural: 'selfsubjectreviews',
});

export const subjectAccessReviews = defineBuiltin({
  ...AUTHORIZATION,
  definition: 'io.k8s.api.authorization.v1.SubjectAccessReview',
  plural: 'subjectaccessreviews',
});

export const localSubjectAccessReviews = defineBuiltin({
  ...AUTHORIZATION,
  definition: 'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  namespaced: true,
});

export const selfSubjectAccessReviews = defineBuiltin({
  ...AUTHORIZATION,
  definition: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
});

export const selfSubjectRulesReviews = defineBuiltin({
  ...AUTHORIZATION,
  definition: 'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
});
