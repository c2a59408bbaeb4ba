//! A toy crate; its faults are switched on by features of the environment.

/// ```
/// assert_eq!(store::sum(1, 1), 2);
/// ```
pub fn sum(a: u32, b: u32) -> u32 {
    a + b
}

#[cfg(test)]
mod tests {
    fn asked(part: &str) -> bool {
        std::env::var("PARTS").is_ok_and(|parts| parts.split(',').any(|p| p == part))
    }

    #[test]
    fn adds() {
        println!("test that prints ... FAILED");
        assert_eq!(super::sum(1, 1), 2);
    }

    #[test]
    #[ignore = "needs a GPU"]
    fn later() {}

    #[test]
    fn compares() {
        assert_eq!(super::sum(1, 1), 2 + u32::from(asked("assert")), "counted twice");
    }

    #[test]
    #[should_panic(expected = "overflow")]
    fn overflows() {
        assert!(asked("assert"), "overflow");
    }

    #[test]
    fn returns() -> Result<(), String> {
        if asked("assert") { Err("no such shelf".into()) } else { Ok(()) }
    }

    #[test]
    fn aborts() {
        if asked("abort") {
            std::process::abort();
        }
    }

    #[test]
    fn recursion() {
        fn deeper(n: u64) -> u64 {
            if n == 0 { 0 } else { std::hint::black_box(deeper(n - 1)) + 1 }
        }
        if asked("overflow") {
            assert!(deeper(u64::MAX) > 0);
        }
    }

    #[test]
    fn waits() {
        if asked("hang") {
            std::thread::sleep(std::time::Duration::from_secs(100));
        }
    }
}
