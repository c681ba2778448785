import { z } from 'zod';
import { readReview, reviewedObject } from './review.js';

/** {@link https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response | AdmissionReview}, the only version of it that is asked for. */
const ADMISSION_API_VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';

const request = z.object({
  uid: z.string().min(1),
  operation: z.string(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  dryRun: z.boolean().optional(),
  userInfo: z
    .object({
      username: z.string().default(''),
      uid: z.string().optional(),
      groups: z.array(z.string()).nullish(),
      extra: z.record(z.string(), z.array(z.string())).nullish(),
    })
    .prefault({}),
  object: reviewedObject.nullish(),
  oldObject: reviewedObject.nullish(),
});

const admissionReview = z.object({
  apiVersion: z.literal(ADMISSION_API_VERSION),
  kind: z.literal(KIND),
  request,
});

export type ReviewedRequest = z.output<typeof request>;

/** The answer to an AdmissionReview. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly status?: AdmissionStatus;
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  /** Base64. */
  readonly patch?: string;
}

/** Why a request is refused: a `metav1.Status`, which the client gets with the webhook's name before the message. */
export interface AdmissionStatus {
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly code: number;
  readonly details?: {
    readonly name?: string;
    readonly group: string;
    readonly kind: string;
    readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
  };
}

/** @throws {@link ReviewError} */
export function readAdmissionReview(body: unknown): ReviewedRequest {
  return readReview(admissionReview, body, `an AdmissionReview of ${ADMISSION_API_VERSION}`).request;
}

export function admissionReviewWith(uid: string, response: AdmissionResponse): object {
  return { apiVersion: ADMISSION_API_VERSION, kind: KIND, response: { uid, ...response } };
}
