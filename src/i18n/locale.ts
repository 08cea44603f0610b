/** BCP 47 tag of a language that the portal speaks, such as `fr`. */
export type Locale = string;
