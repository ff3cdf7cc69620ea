package org.linescribe.session.text;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;

/** Which digits are a phone number, by the numbering plans of libphonenumber. Thread: any. */
final class PhoneNumbers {
  static final int MIN_DIGITS = 7;
  static final int MAX_DIGITS = 15;

  private static final PhoneNumberUtil PHONES = PhoneNumberUtil.getInstance();

  private PhoneNumbers() {}

  static boolean isRegion(String region) {
    return PHONES.getSupportedRegions().contains(region);
  }

  /**
   * @param digits with + in front where it was said or written
   */
  static boolean isValid(String digits, String region) {
    try {
      return PHONES.isValidNumber(PHONES.parse(digits, region));
    } catch (NumberParseException e) {
      return false;
    }
  }
}
