//! JSONPath, reference paths, intrinsic functions and payload templates of the Amazon States Language.
