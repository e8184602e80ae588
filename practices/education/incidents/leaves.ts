/**
 * Actions of the log by which data of customers leaves, or that somebody is known here at all. Words of incidents and reports,
 * letters and what sensors saw may tell of anybody: their entries name nobody, and a scope says so.
 */
export const LEAVES =
  /^privacy\.(consents|request)\.read$|^vault\.(read|search|export|detokenise|tokenise|download|attachments|find|look|sample)$|^education\.(incident\.(read|subjects)|intake\.read|reports\.read|violation\.read)$|^mail\.read$|^traffic\.events\.read$/;
