::core::compile_error! { "a hard-coded secret on the line of the macro that forbids it; the line is not shown, because it holds the value" }
