const MIB = 1024 * 1024;

/** Bytes that fit into JSON, in arguments and in resources: beyond it, base64 crowds out everything else. */
export const MAX_INLINE_BYTES = MIB;
/** Bytes of one streamed upload. */
export const MAX_UPLOAD_BYTES = 5 * 1024 * MIB;
