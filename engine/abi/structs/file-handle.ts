// struct file_handle (open_by_handle_at(2)): its head; what the file system made follows.
import { i32, struct, u32 } from "../field.ts";

export const fileHandle = struct({ handle_bytes: u32, handle_type: i32 });
