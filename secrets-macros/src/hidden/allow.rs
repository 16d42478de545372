::core::compile_error! { "expected `allow_secret!(\"…\", reason = \"documentation example\")`, a literal and a reason; the line is not shown, because it may hold a secret" }
