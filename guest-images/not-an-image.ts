/** Thrown for bytes that are no image of a version that is known; the message completes a sentence that names the file. */
export class NotAnImage extends Error {}
