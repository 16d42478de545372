::core::compile_error! { "a hard-coded secret: its place is not shown here, because rustc would show the value with it" }
