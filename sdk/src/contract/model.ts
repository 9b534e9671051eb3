/** A zod object of either generation, told by its shape, so that any copy of zod will do. */
export type ModelLike =
  { readonly _zod: { readonly output: object } } | { readonly _output: object; readonly _type?: unknown };

/** What a model makes of arguments: defaults filled in, transforms applied. */
export type ModelOutput<Model> = Model extends { readonly _zod: { readonly output: infer Output } }
  ? Output
  : Model extends { readonly _output: infer Output }
    ? Output
    : never;

/** What may be given to a model: what has a default may be left out. */
export type ModelInput<Model> = Model extends { readonly _zod: { readonly input: infer Input } }
  ? Input
  : Model extends { readonly _input: infer Input }
    ? Input
    : never;
