//! A toy crate with tests named as dynamo's.

pub mod recorder {
    /// Counts the events of a stream.
    pub fn count(events: &[u64]) -> usize {
        events.len()
    }

    #[cfg(test)]
    mod tests {
        use super::count;

        #[test]
        fn test_recorder_streams_events_to_file() {
            assert_eq!(count(&[1, 2, 3]), 3);
        }

        #[test]
        fn test_recorder_rotates_files() {
            assert_eq!(count(&[]), 0);
        }
    }
}

pub mod slug {
    /// Lower case, with underscores for everything else.
    pub fn slugify(text: &str) -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect()
    }

    #[cfg(test)]
    mod tests {
        use super::slugify;

        #[test]
        fn test_slugify() {
            assert_eq!(slugify("KV Router"), "kv_router");
        }
    }
}
